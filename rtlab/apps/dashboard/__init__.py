"""A live dashboard: this machine's own metrics, an alert, a look back; and the page that reloads itself."""

from rtlab.apps.dashboard.source import Dashboard

__all__ = ["Dashboard"]
