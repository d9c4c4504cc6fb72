"""What a demonstration hospital charges for."""

from decimal import Decimal
from random import Random

from modules.billing.models import Service
from portal.kit import _, db

# Category, the first letters of the codes, from and to which price, tax in percent, names.
KINDS = (
    ("consultation", "CON", 30, 120, 0, (
        _("Consultation, general medicine"), _("Consultation, surgery"), _("Consultation, paediatrics"),
        _("Consultation, obstetrics"), _("Consultation, cardiology"), _("Consultation, orthopaedics"),
        _("Consultation, dermatology"), _("Consultation, emergency"), _("Video consultation"),
        _("Follow-up"), _("Visit on the ward"), _("Second opinion"), _("Dietary advice"), _("Physiotherapy session"),
        _("Pre-operative assessment"), _("Vaccination visit"), _("Antenatal visit"), _("Wound check"),
        _("Home visit"), _("Medical report"),
    )),
    ("procedure", "PRO", 60, 1500, 5, (
        _("Appendicectomy"), _("Hernia repair"), _("Gallbladder removal, keyhole"), _("Caesarean section"),
        _("Normal delivery"), _("Cataract surgery"), _("Tonsillectomy"), _("Knee arthroscopy"), _("Hip replacement"),
        _("Knee replacement"), _("Fracture reduction"), _("Plaster, arm"), _("Plaster, leg"), _("Wound suture, small"),
        _("Wound suture, large"), _("Abscess drainage"), _("Skin biopsy"), _("Lumbar puncture"), _("Chest drain"),
        _("Urinary catheter"), _("Gastroscopy"), _("Colonoscopy"), _("Bronchoscopy"), _("Cystoscopy"),
        _("Circumcision"), _("Dilatation and curettage"), _("Electrocardiogram"), _("Exercise test"),
        _("Echocardiogram"), _("Lung function test"), _("Hearing test"), _("Eye test"), _("Nebuliser treatment"),
        _("Intravenous infusion"), _("Blood transfusion"), _("Dialysis session"), _("Dressing, small"),
        _("Dressing, large"), _("Removal of sutures"), _("Ear syringing"),
    )),
    ("laboratory", "LAB", 6, 60, 0, (
        _("Full blood count"), _("Blood film"), _("Erythrocyte sedimentation rate"), _("Reticulocytes"),
        _("Prothrombin time"), _("Activated partial thromboplastin time"), _("D-dimer"), _("Blood group"),
        _("Cross-match"), _("Sodium"), _("Potassium"), _("Urea"), _("Creatinine"), _("Glucose"), _("HbA1c"),
        _("Calcium"), _("Magnesium"), _("Phosphate"), _("Liver function tests"), _("Albumin"), _("Amylase"),
        _("Lipids"), _("C-reactive protein"), _("Troponin"), _("Thyroid function tests"), _("Ferritin"),
        _("Vitamin B12"), _("Folate"), _("Vitamin D"), _("Urine microscopy"), _("Urine culture"), _("Blood culture"),
        _("Stool culture"), _("Throat swab"), _("Wound swab"), _("Malaria film"), _("Hepatitis B antigen"),
        _("Hepatitis C antibody"), _("HIV test"), _("Pregnancy test"), _("Blood gas"), _("Lactate"),
        _("Cerebrospinal fluid"), _("Histology, small"), _("Histology, large"),
    )),
    ("radiology", "RAD", 25, 420, 0, (
        _("Chest X-ray"), _("Abdominal X-ray"), _("X-ray, hand"), _("X-ray, wrist"), _("X-ray, elbow"),
        _("X-ray, shoulder"), _("X-ray, foot"), _("X-ray, ankle"), _("X-ray, knee"), _("X-ray, hip"),
        _("X-ray, pelvis"), _("X-ray, spine"), _("Ultrasound, abdomen"), _("Ultrasound, pelvis"),
        _("Ultrasound, pregnancy"), _("Ultrasound, thyroid"), _("Doppler, leg veins"), _("Mammogram"),
        _("CT, head"), _("CT, chest"), _("CT, abdomen"), _("CT, angiography"), _("MRI, head"), _("MRI, spine"),
        _("MRI, knee"), _("Fluoroscopy"), _("Bone density"), _("Barium swallow"), _("Guided biopsy"),
        _("Portable X-ray"),
    )),
    ("bed", "BED", 60, 400, 5, (
        _("Bed, general ward, night"), _("Bed, private room, night"), _("Bed, intensive care, night"),
        _("Cot, night"), _("Bed, day care"),
    )),
    ("theatre", "THE", 100, 200, 5, (_("Theatre, hour"), _("Theatre, minor, hour"), _("Recovery, hour"))),
    ("consumable", "SUP", 2, 60, 5, (
        _("Dressing pack"), _("Suture set"), _("Cannula set"), _("Catheter set"), _("Plaster material"),
        _("Theatre pack"), _("Oxygen, day"),
    )),
    ("package", "PKG", 120, 2500, 5, (_("Delivery package"), _("Health check, basic"), _("Health check, full"),
                                      _("Cataract package"))),
    ("other", "OTH", 3, 150, 5, (
        _("Ambulance, town"), _("Ambulance, far"), _("Copy of records"), _("Medical certificate"), _("Mortuary, day"),
        _("Relative’s bed, night"),
    )),
)  # fmt: skip


def set_prices(random: Random) -> None:
    """Invent the usual price of everything that is charged for."""
    for category, letters, least, most, tax, names in KINDS:
        for number, name in enumerate(names, start=1):
            price = Decimal(random.randint(least * 2, most * 2)) / 2
            facts = {"code": f"{letters}-{number:03d}", "name": name, "category": category}
            db.session.add(Service(price=price, tax_rate=Decimal(tax), **facts))
    db.session.flush()
