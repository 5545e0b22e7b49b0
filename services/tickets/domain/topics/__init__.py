"""What a complaint is about, and so who handles it (docs/domain.md, "Topics"; docs/topics.md). Topics and what was
learned from examples are data; these are the rules.
"""

from services.tickets.domain.topics.choice import SURE, Choice, Classifier
from services.tickets.domain.topics.linear import Learned, LinearModel, Opinion
from services.tickets.domain.topics.topic import Topic, TopicVersion, unit_of

__all__ = ["SURE", "Choice", "Classifier", "Learned", "LinearModel", "Opinion", "Topic", "TopicVersion", "unit_of"]
