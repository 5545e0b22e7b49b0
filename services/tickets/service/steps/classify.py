"""What is it about?"""

from services.tickets.domain.topics import Classifier
from services.tickets.service.batch import Batch


def classify(batch: Batch, classifier: Classifier) -> None:
    """Gives each contact its topic. The subject counts where a case begins; later it is that of the whole case."""
    for arrival in batch.arrivals:
        contact = arrival.contact
        texts = (contact.body,) if arrival.goes_on else (contact.subject, contact.body)
        arrival.choice = classifier.classify(*texts)
