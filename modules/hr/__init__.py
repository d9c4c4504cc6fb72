"""Human resources: who works when, who is away, and what they are paid."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"
OWN = "view_own leave_add swap_add attendance_add"

module = Module(
    __name__,
    label="Human Resources",
    menu_label="HR and rosters",
    icon="calendar-user",
    group="People",
    permissions={
        "view": "See all rosters",
        "view_own": "See their own roster, leave, attendance and payslips",
        "add": "Plan rosters",
        "change": "Change and publish rosters",
        "unit_view": "See roster and leave of the unit they head",
        "unit_add": "Plan the roster of the unit they head",
        "unit_change": "Change and publish the roster of the unit they head",
        "unit_approve": "Approve leave and swaps in the unit they head",
        "shift_view": "See shifts, holidays and kinds of leave",
        "shift_add": "Add shifts, holidays and kinds of leave",
        "shift_change": "Change shifts, holidays and kinds of leave",
        "swap_add": "Ask to swap shifts",
        "leave_view": "See all leave",
        "leave_add": "Ask for leave",
        "leave_change": "Change leave balances",
        "leave_void": "Void leave entered in error",
        "approve": "Approve leave, swaps and corrections",
        "attendance_view": "See all attendance",
        "attendance_add": "Clock in and out",
        "attendance_change": "Correct attendance",
        "contract_view": "See contracts",
        "contract_add": "Add contracts",
        "contract_change": "Change contracts",
        "payroll": "Prepare and pay the payroll",
        "approve_payroll": "Approve the payroll",
    },
    roles=dict.fromkeys(EVERYBODY.split(), OWN)
    | {
        "hr_officer": f"{OWN} "
        "view add change shift_view shift_add shift_change leave_view leave_change "
        "approve attendance_view attendance_change contract_view contract_add "
        "contract_change payroll",
        "doctor": f"{OWN} unit_view unit_add unit_change unit_approve",
        "nurse": f"{OWN} unit_view unit_add unit_change unit_approve",
    },
)
