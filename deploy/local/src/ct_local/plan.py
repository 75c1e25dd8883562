"""Turn settings into the list of children the supervisor keeps alive."""

import sys
from collections.abc import Mapping

from ct_local.database import Database
from ct_local.environment import child_environment
from ct_local.layout import PORTS, REPOSITORY, DataDir
from ct_local.readiness import http_probe
from ct_local.services import SERVICES
from ct_local.settings import LauncherSettings
from ct_local.spec import ChildSpec


def shifted_ports(settings: LauncherSettings) -> dict[str, int]:
    """Return every port with the offset added."""
    return {name: port + settings.port_offset for name, port in PORTS.items()}


def children(
    settings: LauncherSettings,
    *,
    operator_environment: Mapping[str, str],
    machine: Mapping[str, str],
    database: Database,
) -> list[ChildSpec]:
    """Return the specs of mongod (when it is ours) and of every service, in start order."""
    data = DataDir(settings.data_dir.resolve())
    ports = shifted_ports(settings)
    specs = [database.spec] if database.spec else []
    needs = tuple(spec.name for spec in specs)
    for service in SERVICES:
        variable, health = service.port_settings[0]
        del variable
        specs.append(
            ChildSpec(
                name=service.name,
                argv=(sys.executable, "-m", service.module),
                env=child_environment(
                    service,
                    settings=settings,
                    operator_environment=operator_environment,
                    machine=machine,
                    data=data,
                    ports=ports,
                    mongodb_uri=database.uri,
                ),
                cwd=REPOSITORY,
                ports={name: ports[name] for _, name in service.port_settings},
                probe=http_probe(ports[health]),
                tier=service.tier,
                needs=needs if service.database else (),
            )
        )
    return specs
