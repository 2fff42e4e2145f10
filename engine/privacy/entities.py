"""Entities in plain words. Names are Presidio's; SECRET is ours."""

from __future__ import annotations

NAMES = {
    "EMAIL_ADDRESS": "e-mail addresses",
    "PHONE_NUMBER": "phone numbers",
    "CREDIT_CARD": "payment cards",
    "IBAN_CODE": "IBANs",
    "SECRET": "passwords and keys",
    "US_SSN": "US social security numbers",
    "US_ITIN": "US taxpayer numbers",
    "US_PASSPORT": "passport numbers",
    "US_DRIVER_LICENSE": "driving licences",
    "US_BANK_NUMBER": "bank account numbers",
    "UK_NHS": "UK health numbers",
    "UK_NINO": "UK insurance numbers",
    "MEDICAL_LICENSE": "US prescriber numbers",
    "IP_ADDRESS": "IP addresses",
    "MAC_ADDRESS": "device addresses",
    "UUID": "device or session ids",
    "URL": "web addresses",
    "DATE_TIME": "dates",
    "CRYPTO": "crypto wallets",
    "PERSON": "names of people",
    "LOCATION": "places",
    "NRP": "nationality, religion, politics",
    "ORGANIZATION": "organisations",
    "ES_NIF": "Spanish identity numbers",
    "ES_NIE": "Spanish foreigner numbers",
    "IT_FISCAL_CODE": "Italian tax codes",
    "SG_NRIC_FIN": "Singapore identity numbers",
    "IN_PAN": "Indian tax numbers",
    "FI_PERSONAL_IDENTITY_CODE": "Finnish identity codes",
}
BY_MODEL = ("PERSON", "LOCATION", "NRP", "ORGANIZATION")
FIRST_NAMED = ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE")


def words(entity: str) -> str:
    """Return an entity in plain words, plural: `e-mail addresses`."""
    return NAMES.get(entity, entity.replace("_", " ").lower())
