"""The web worker: gunicorn's threads, which a client that stops sending cannot keep (slow request bodies)."""

from gunicorn.workers.gthread import ThreadWorker

SILENT_SECONDS = 10


class ImpatientWorker(ThreadWorker):
    """Ends a connection that sends or takes nothing for `SILENT_SECONDS` while a thread waits for it."""

    def handle_request(self, req, conn):
        """As gunicorn's, with a limit to each wait for the client."""
        conn.sock.settimeout(SILENT_SECONDS)
        return super().handle_request(req, conn)
