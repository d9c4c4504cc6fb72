"""kill -9 at every boundary of every step: never half a hospital, and Retry makes a whole one (security.md 31)."""

import pytest
import sqlalchemy as sa

from portal.provisioning import looks, operations, template
from tests import on_postgres
from tests.boundaries import fewest
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    database,
    files,
    forget_templates,
    is_there,
    query,
    register,
    request_again,
    seen_operation,
    seen_tenant,
    strays,
)

FEWEST = fewest(20, 6)


def assert_nothing_half_made(app, subdomain: str, tenant_id: int, operation_id: int) -> None:
    """Either the hospital was finished in the last moment, or nobody sees anything of it."""
    tenant, page = seen_tenant(tenant_id), answer_of(app, subdomain)
    if seen_operation(operation_id).state == "succeeded":
        assert (tenant.status, page.status_code) == ("ready", 302)
        return
    assert tenant.status != "ready"
    assert tenant.generation is None
    assert (page.status_code, "is not set up yet" in page.text) == (503, True)
    if is_there(database(subdomain)):
        generation = query(database(subdomain), "SELECT tenant_uuid FROM core_identity")
        assert generation == [(tenant.uuid,)], "a published file is a finished one"


def assert_whole(app, subdomain: str, tenant_id: int, operation_id: int) -> None:
    """The hospital is Ready and served, and the folder holds nothing but hospitals."""
    assert seen_operation(operation_id).state == "succeeded"
    assert_consistent(seen_operation(operation_id))
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app, subdomain).status_code == 302
    app.extensions["engines"].close()
    assert all(name.startswith("hospital_") and name.endswith(".db") for name in files()), files()
    assert strays() == set()


@pytest.mark.usefixtures("later")
def test_a_worker_killed_at_any_boundary_leaves_nothing_half_made_and_the_reaper_goes_on(app, kill):
    for point in range(1, 100):
        tenant_id, operation_id = register(f"clinic-{point}")
        outcome = kill(operation_id, point, "all")
        assert_nothing_half_made(app, f"clinic-{point}", tenant_id, operation_id)
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert_whole(app, f"clinic-{point}", tenant_id, operation_id)
    assert FEWEST < point < 99


@pytest.mark.usefixtures("later")
def test_a_worker_killed_three_times_at_a_boundary_is_given_up_and_retry_makes_the_hospital(app, kill):
    for point in range(1, 100, 4):
        tenant_id, operation_id = register(f"clinic-{point}")
        while (outcome := kill(operation_id, point, "all")) == "killed":
            assert_nothing_half_made(app, f"clinic-{point}", tenant_id, operation_id)
            operations.reap()
            if not seen_operation(operation_id).is_active:
                break
        if seen_operation(operation_id).state == "interrupted":
            assert_consistent(seen_operation(operation_id))
            assert builds() == set()
            operation_id = request_again(tenant_id)
            assert operations.perform(operation_id)
        assert_whole(app, f"clinic-{point}", tenant_id, operation_id)
        if outcome == "survived" and seen_operation(operation_id).attempt == 1:
            break
    assert FEWEST < point < 99


MIGRATING = [("modules", 3), ("template", 4)]
if not on_postgres.WANTED:  # there all but the modules takes a moment
    MIGRATING += [("template", 2), ("template", 5)]


@pytest.mark.usefixtures("later")
def test_a_worker_killed_while_it_makes_the_template_leaves_none_that_is_half_made(app, kill):
    for seams, point in MIGRATING:
        forget_templates()
        subdomain = f"{seams}-{point}"
        tenant_id, operation_id = register(subdomain)
        assert kill(operation_id, point, seams) == "killed"
        assert_nothing_half_made(app, subdomain, tenant_id, operation_id)
        if template.has_template():
            with template.opened(template.databases().dialect.name) as connection:
                assert looks.is_whole(connection)
                assert connection.scalar(sa.text("SELECT count(*) FROM auth_group")) > 5
        assert operations.reap() == [operation_id]
        assert operations.perform(operation_id)
        assert seen_tenant(tenant_id).status == "ready"
    operations_left = template.databases().builds()
    assert len(operations_left) <= 1, "only the copy for the template may wait for the sweep"
