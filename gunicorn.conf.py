"""How the portal is served: two processes of eight threads; `flask up` adds the address to listen on."""

import signal

from portal.lifeline import die_with_parent
from portal.web_worker import settle

wsgi_app = "wsgi:app"
worker_class = "portal.web_worker.ImpatientWorker"
workers = 2
threads = 8
graceful_timeout = 8  # less than the supervisor's patience
loglevel = "warning"
accesslog = None
control_socket_disable = True
forwarded_allow_ips = ""  # whom to believe is the application's decision: TRUSTED_PROXIES


def post_worker_init(_worker):
    """The application is loaded."""
    settle()


def post_fork(_server, worker):
    """A serving process ends with its parent, even when that was killed."""
    die_with_parent(worker.ppid, signal.SIGKILL)
