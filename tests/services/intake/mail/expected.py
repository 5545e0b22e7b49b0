"""What must come of real mails (`shared/data/mail`), written down by looking at each of them: the subject, how the text
begins, and the names of its files; or what a report tells. Mails of other people's are not copied here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """A mail that is a contact: `text` is how it begins, with single spaces; all of it where `is_all`."""

    subject: str
    text: str
    files: tuple[str, ...] = ()
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """A mail that tells what became of another one, and the code that explains it."""

    status: str
    code: str


KOREAN = "대부분의 마찬가지로, 우리는 하나님을 믿습니다. 제 이름은 Jamis입니다."
FIRST_PART = "This is the first part."
HELLO = 'This is a message just to say hello. So, "Hello".'

EXPECTED: dict[str, Contact | Report] = {
    # django-helpdesk
    "djh_all-special-chars": Contact("Testovácí email", "íářčšáíéřášč"),
    "djh_forwarded-message": Contact("Test with original message from GitHub", "This is email body", is_all=False),
    "djh_pgp": Contact(
        "example email that crashes django-helpdesk get_email", "hi, thanks", ("signature.asc",), is_all=False
    ),
    "djh_quoted_printable": Contact("Český test", "Tohle je test českých písmen odeslaných z gmailu."),
    "djh_utf-nondecodable": Contact(
        "Fwd: Cyklozaměstnavatel - změna vyhodnocení", "-------- Forwarded Message --------", is_all=False
    ),
    # attachments
    "mikel_emails_attachment_emails_attachment_content_disposition": Contact("testing", FIRST_PART, ("api.rb",)),
    "mikel_emails_attachment_emails_attachment_content_location": Contact("testing", FIRST_PART, ("",)),
    "mikel_emails_attachment_emails_attachment_message_rfc822": Contact(
        "testing", FIRST_PART, ("ForwardedMessage.eml",)
    ),
    "mikel_emails_attachment_emails_attachment_message_rfc822_inline_image": Contact(
        "test", "", ("img.png", "Testmail.eml")
    ),
    "mikel_emails_attachment_emails_attachment_nonascii_filename": Contact("testing", FIRST_PART, ("ciële.txt",)),
    "mikel_emails_attachment_emails_attachment_only_email": Contact(
        "this message JUST contains an attachment", "", ("blah.gz",)
    ),
    "mikel_emails_attachment_emails_attachment_pdf": Contact(
        "Another PDF with 🎉 Unicode chars in it 🍿", "Just attaching another PDF", ("broken.pdf",), is_all=False
    ),
    "mikel_emails_attachment_emails_attachment_with_base64_encoded_name": Contact(
        "Fwd: Signed email causes file attachments", "We should not include", ("This is a test.pdf",), is_all=False
    ),
    "mikel_emails_attachment_emails_attachment_with_encoded_name": Contact(
        "Fwd: Signed email causes file attachments",
        "We should not include",
        ("01 Quien Te DijŠat. Pitbull.mp3",),
        is_all=False,
    ),
    "mikel_emails_attachment_emails_attachment_with_quoted_filename": Contact(
        "Eelanalüüsi päring", "", ("Eelanalüüsi päring.jpg",)
    ),
    "mikel_emails_attachment_emails_attachment_with_unquoted_name": Contact(
        "testing", FIRST_PART, ("This is a test.txt",)
    ),
    # broken headers, encodings and boundaries
    "mikel_emails_error_emails_bad_encoded_subject": Contact("TEST", "TEST"),
    "mikel_emails_error_emails_cant_parse_from": Contact(
        "Meet the new MacBook Pro family. Now includes 13-inch.", "From one solid piece of aluminum", is_all=False
    ),
    "mikel_emails_error_emails_content_transfer_encoding_text-html": Contact(
        "Re: We will help you refinance your home.", "Hello, You have qualified", is_all=False
    ),
    "mikel_emails_error_emails_content_transfer_encoding_qp_with_space": Contact(
        "Low or High Blood Pressure? We can help.", "If you're in need", is_all=False
    ),
    "mikel_emails_error_emails_content_transfer_encoding_x_uuencode": Contact(
        "PGP Comments on RTO West Release of Dec. 14",
        "Attached are the comments",
        ("PGP_Cmts_on_12-14-01_Pkg.doc",),
        is_all=False,
    ),
    "mikel_emails_error_emails_encoding_madness": Contact(
        "eBay Bid - 2008 Ford Super Duty F-350 DRW King Ranch Crew Cab 4x4 (156) - Stock# XXXX", "Body Text"
    ),
    "mikel_emails_error_emails_header_fields_with_empty_values": Contact("Testmail", "-- Jørn Støylen", is_all=False),
    "mikel_emails_error_emails_invalid_subject_characters": Contact(
        "Formação FrenetikPolis: Mega Campanha Final Verão | Cursos de Setembro", "TEST"
    ),
    "mikel_emails_error_emails_missing_body": Contact("REDACTED", ""),
    "mikel_emails_error_emails_multiple_content_types": Contact("Redacted", "foo"),
    "mikel_emails_error_emails_multiple_references_with_one_invalid": Contact("Redacted", "foo"),
    "mikel_emails_mime_emails_email_with_similar_boundaries": Contact("Xxxxxx", "Test", ("LOGO.png",)),
    "mikel_emails_mime_emails_raw_email7": Contact("testing", FIRST_PART, ("test.rb", "test.pdf", "smime.p7s")),
    "mikel_emails_mime_emails_raw_email_with_illegal_boundary": Contact(
        "Testing outlook", "Hello This is an outlook test So there. Me."
    ),
    "mikel_emails_mime_emails_raw_email_with_nested_attachment": Contact(
        "Testing attachments",
        "Here is a test of an attachment via email. - Jamis",
        ("truncated.png", "smime.p7s"),
    ),
    "mikel_emails_mime_emails_sig_only_email": Contact(
        "Re: Testing multipart/signed", "This is random text", ("signature.asc",), is_all=False
    ),
    # charsets
    "mikel_emails_multi_charset_japanese": Contact("まみむめも", "かきくえこ", is_all=False),
    "mikel_emails_multi_charset_japanese_attachment": Contact("testing", "testing", ("てすと.txt",), is_all=False),
    "mikel_emails_multi_charset_japanese_iso_2022": Contact("まみむめも", "すみません。"),
    "mikel_emails_multi_charset_japanese_shift_jis": Contact("test", "あいうえお", is_all=False),
    "mikel_emails_multi_charset_ks_c_5601-1987": Contact("test", "스티해"),
    "mikel_emails_plain_emails_raw_email": Contact("NOTE: 한국말로 하는 것", KOREAN),
    "mikel_emails_plain_emails_raw_email_with_partially_quoted_subject": Contact(
        'Re: Test: "漢字" mid "漢字" tail', KOREAN
    ),
    "mikel_emails_rfc6532_utf8_headers": Contact("Säying Hello", "body"),
    # plain, old and odd
    "mikel_emails_plain_emails_basic_email_lf": Contact("Testing 123", "Plain email. Hope it works well! Mikel"),
    "mikel_emails_plain_emails_mix_caps_content_type": Contact("undef method parameter bug", "foo bar"),
    "mikel_emails_plain_emails_raw_email_incorrect_header": Contact(
        "Stop adware/spyware once and for all.", "You are infected with", is_all=False
    ),
    "mikel_emails_plain_emails_raw_email_simple": Contact("Testing outlook", "Hello Mikel"),
    "mikel_emails_rfc2822_example01": Contact("Saying Hello", HELLO),
    "mikel_emails_rfc2822_example03": Contact("", "Hi everyone."),
    "mikel_emails_rfc2822_example06": Contact("Re: Saying Hello", "This is a reply to your hello."),
    "mikel_emails_rfc2822_example13": Contact("Saying Hello", HELLO),
    "mikel_emails_rfc2822_example14": Contact("Re: TEST テストテスト", "Hello"),
    # reports of other servers
    "mikel_emails_multipart_report_emails_multi_address_bounce1": Report("failed", "5.1.1"),
    "mikel_emails_multipart_report_emails_multi_address_bounce2": Report("failed", "5.1.1"),
    "mikel_emails_multipart_report_emails_multipart_report_multiple_status": Report("failed", "5.3.0"),
    "mikel_emails_multipart_report_emails_report_422": Report("delayed", "4.2.2"),
    "mikel_emails_multipart_report_emails_report_530": Report("failed", "5.3.0"),
    "mikel_emails_mime_emails_raw_email_with_mimepart_without_content_type": Report("delayed", "4.5.0"),
}
