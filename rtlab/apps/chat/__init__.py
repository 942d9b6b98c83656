"""Chat: being written."""

from rtlab.apps.app import App


class Chat(App):
    """Rooms, names, history, who is here."""

    name, title = "chat", "Chat"
