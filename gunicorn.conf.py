"""How the portal is served: two processes of eight threads; `flask up` adds the address to listen on."""

import signal

from portal import logs
from portal.lifeline import die_with_parent
from portal.tally import Shared
from portal.web_worker import settle

wsgi_app = "wsgi:app"
worker_class = "portal.web_worker.ImpatientWorker"
workers = 2
threads = 8
graceful_timeout = 8  # less than the supervisor's patience
loglevel = "warning"
accesslog = None  # the application says a line for each request: portal/request_lines.py
logconfig_dict = logs.LIBRARIES
control_socket_disable = True
forwarded_allow_ips = ""  # whom to believe is the application's decision: TRUSTED_PROXIES


logs.install()
shared = Shared()


def pre_fork(server, worker):
    """A serving process has a place in the numbers that all of them count."""
    worker.place = shared.free_place(other.place for other in server.WORKERS.values())


def post_worker_init(worker):
    """The application is loaded."""
    worker.wsgi.extensions["tally"] = shared.at(worker.place)
    settle()


def child_exit(_server, worker):
    """What it had open is open no more; what it has counted stays."""
    shared.at(worker.place).close_all()


def post_fork(_server, worker):
    """A serving process ends with its parent, even when that was killed."""
    die_with_parent(worker.ppid, signal.SIGKILL)
