"""The catalogue of a demonstration hospital: medicines by what they are made of, and things of every day."""

from decimal import Decimal
from random import Random

from modules.inventory.models import Category, Item
from portal.kit import _, db
from portal.kit.demo import HospitalSize

MEDICINES, THINGS = _("Medicines"), _("Consumables")
# What it is made of, its class, its form, the unit, and the strengths it comes in.
DRUGS = (
    ("Amoxicillin", "Penicillins", "capsule", "250 mg|500 mg"),
    ("Co-amoxiclav", "Penicillins", "tablet", "375 mg|625 mg"),
    ("Flucloxacillin", "Penicillins", "capsule", "250 mg|500 mg"),
    ("Benzylpenicillin", "Penicillins", "vial", "600 mg|1.2 g"),
    ("Piperacillin with tazobactam", "Penicillins", "vial", "2.25 g|4.5 g"),
    ("Ceftriaxone", "Cephalosporins", "vial", "1 g|2 g"),
    ("Cefalexin", "Cephalosporins", "capsule", "250 mg|500 mg"),
    ("Cefuroxime", "Cephalosporins", "vial", "750 mg|1.5 g"),
    ("Clarithromycin", "Macrolides", "tablet", "250 mg|500 mg"),
    ("Azithromycin", "Macrolides", "tablet", "250 mg|500 mg"),
    ("Doxycycline", "Tetracyclines", "capsule", "50 mg|100 mg"),
    ("Ciprofloxacin", "Fluoroquinolones", "tablet", "250 mg|500 mg"),
    ("Gentamicin", "Aminoglycosides", "ampoule", "80 mg"),
    ("Vancomycin", "Glycopeptides", "vial", "500 mg|1 g"),
    ("Metronidazole", "Nitroimidazoles", "tablet", "200 mg|400 mg"),
    ("Trimethoprim", "Folate antagonists", "tablet", "100 mg|200 mg"),
    ("Sulfamethoxazole with trimethoprim", "Sulfonamides", "tablet", "480 mg|960 mg"),
    ("Nitrofurantoin", "Nitrofurans", "capsule", "50 mg|100 mg"),
    ("Paracetamol", "Analgesics", "tablet", "500 mg"),
    ("Ibuprofen", "NSAIDs", "tablet", "200 mg|400 mg"),
    ("Diclofenac", "NSAIDs", "tablet", "25 mg|50 mg"),
    ("Naproxen", "NSAIDs", "tablet", "250 mg|500 mg"),
    ("Morphine", "Opioids", "ampoule", "10 mg|15 mg"),
    ("Oxycodone", "Opioids", "tablet", "5 mg|10 mg"),
    ("Tramadol", "Opioids", "capsule", "50 mg|100 mg"),
    ("Fentanyl", "Opioids", "ampoule", "100 mcg"),
    ("Codeine", "Opioids", "tablet", "15 mg|30 mg"),
    ("Amlodipine", "Calcium channel blockers", "tablet", "5 mg|10 mg"),
    ("Ramipril", "ACE inhibitors", "capsule", "2.5 mg|5 mg"),
    ("Lisinopril", "ACE inhibitors", "tablet", "5 mg|10 mg"),
    ("Losartan", "Angiotensin receptor blockers", "tablet", "25 mg|50 mg"),
    ("Bisoprolol", "Beta blockers", "tablet", "2.5 mg|5 mg"),
    ("Atenolol", "Beta blockers", "tablet", "25 mg|50 mg"),
    ("Furosemide", "Diuretics", "tablet", "20 mg|40 mg"),
    ("Spironolactone", "Diuretics", "tablet", "25 mg|50 mg"),
    ("Atorvastatin", "Statins", "tablet", "20 mg|40 mg"),
    ("Simvastatin", "Statins", "tablet", "20 mg|40 mg"),
    ("Aspirin", "Antiplatelets", "tablet", "75 mg|300 mg"),
    ("Clopidogrel", "Antiplatelets", "tablet", "75 mg"),
    ("Warfarin", "Anticoagulants", "tablet", "1 mg|3 mg"),
    ("Apixaban", "Anticoagulants", "tablet", "2.5 mg|5 mg"),
    ("Enoxaparin", "Heparins", "syringe", "20 mg|40 mg"),
    ("Metformin", "Biguanides", "tablet", "500 mg|850 mg"),
    ("Gliclazide", "Sulfonylureas", "tablet", "40 mg|80 mg"),
    ("Insulin glargine", "Insulins", "pen", "300 units"),
    ("Insulin aspart", "Insulins", "pen", "300 units"),
    ("Salbutamol", "Beta agonists", "inhaler", "100 mcg"),
    ("Beclometasone", "Corticosteroids", "inhaler", "100 mcg|200 mcg"),
    ("Prednisolone", "Corticosteroids", "tablet", "5 mg|25 mg"),
    ("Hydrocortisone", "Corticosteroids", "vial", "100 mg"),
    ("Omeprazole", "Proton pump inhibitors", "capsule", "20 mg|40 mg"),
    ("Lansoprazole", "Proton pump inhibitors", "capsule", "15 mg|30 mg"),
    ("Ondansetron", "Antiemetics", "tablet", "4 mg|8 mg"),
    ("Metoclopramide", "Antiemetics", "tablet", "10 mg"),
    ("Lactulose", "Laxatives", "bottle", "500 ml"),
    ("Senna", "Laxatives", "tablet", "7.5 mg"),
    ("Loperamide", "Antidiarrhoeals", "capsule", "2 mg"),
    ("Cetirizine", "Antihistamines", "tablet", "10 mg"),
    ("Chlorphenamine", "Antihistamines", "tablet", "4 mg"),
    ("Diazepam", "Benzodiazepines", "tablet", "2 mg|5 mg"),
    ("Lorazepam", "Benzodiazepines", "tablet", "1 mg"),
    ("Sertraline", "SSRIs", "tablet", "50 mg|100 mg"),
    ("Levothyroxine", "Thyroid hormones", "tablet", "25 mcg|50 mcg"),
    ("Folic acid", "Vitamins", "tablet", "400 mcg|5 mg"),
    ("Ferrous sulfate", "Iron", "tablet", "200 mg"),
    ("Adrenaline", "Catecholamines", "ampoule", "1 mg"),
    ("Sodium chloride 0.9 %", "Fluids", "bag", "500 ml|1 litre"),
    ("Glucose 5 %", "Fluids", "bag", "500 ml|1 litre"),
)
CONTROLLED = ("Opioids", "Benzodiazepines")
COLD = ("Insulins",)
SUPPLIES = (
    "Dressing pack", "Gauze swab", "Adhesive bandage", "Crepe bandage", "Examination glove, small",
    "Examination glove, medium", "Examination glove, large", "Surgical glove 7", "Surgical glove 8", "Face mask",
    "FFP2 mask", "Apron", "Syringe 2 ml", "Syringe 5 ml", "Syringe 10 ml", "Syringe 20 ml", "Needle 21 G",
    "Needle 23 G", "Cannula 18 G", "Cannula 20 G", "Cannula 22 G", "Giving set", "Three-way tap", "Urinary catheter 12",
    "Urinary catheter 14", "Urine bag", "Nasogastric tube", "Oxygen mask", "Nasal cannula", "Nebuliser set",
    "Suture 3-0", "Suture 4-0", "Skin stapler", "Scalpel 11", "Scalpel 22", "Drape, sterile", "Gown, sterile",
    "Blood tube, EDTA", "Blood tube, serum", "Blood tube, citrate", "Blood culture bottle", "Urine container",
    "Swab, sterile", "Tourniquet", "Sharps bin", "Alcohol wipe", "Hand gel 500 ml", "Chlorhexidine 500 ml",
    "Plaster of Paris roll", "Sling", "Thermometer cover", "ECG electrode", "Incontinence pad", "Bed sheet, single use",
    "Wristband", "Label roll", "Tongue depressor", "Lubricating gel", "Ultrasound gel",
    "Lancet", "Glucose test strip",
)  # fmt: skip


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Invent the catalogue: the medicines in their strengths, then things; both hospitals have the same."""
    medicines, things = Category(name=MEDICINES), Category(name=THINGS)
    db.session.add_all((medicines, things))
    db.session.flush()
    for number, (name, drug_class, form, strength) in enumerate(_strengths(), start=1):
        facts = {
            "code": f"MED-{number:03d}",
            "name": f"{name} {strength} {form}",
            "generic_name": name,
            "drug_class": drug_class,
            "strength": strength,
            "form": form,
            "unit": form,
            "storage": "cold" if drug_class in COLD else "room",
            "is_controlled": drug_class in CONTROLLED,
        }
        db.session.add(Item(kind="medicine", category_id=medicines.id, **facts, **_numbers(random, 40)))
    for number, name in enumerate(SUPPLIES, start=1):
        facts = {"code": f"CON-{number:03d}", "name": name, "unit": "piece"}
        db.session.add(Item(kind="consumable", category_id=things.id, **facts, **_numbers(random, 12)))
    db.session.flush()


def _strengths():
    return [(*drug, strength) for *drug, strengths in DRUGS for strength in strengths.split("|")]


def _numbers(random: Random, dearest: int) -> dict:
    """Pack, price and when to order more."""
    return {
        "pack_size": random.choice((1, 10, 14, 28, 50)),
        "sale_price": Decimal(random.randint(5, dearest * 100)) / 100,
        "tax_rate": Decimal(5),
        "reorder_level": Decimal(random.choice((10, 20, 50, 100))),
        "reorder_qty": Decimal(random.choice((50, 100, 200))),
    }
