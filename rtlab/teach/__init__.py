"""What a lesson asks of its student: predictions, exercises, questions; and the summing up at its end."""

from rtlab import installed

installed.check()

from rtlab.teach.exercises import exercise  # noqa: E402
from rtlab.teach.predictions import predict  # noqa: E402
from rtlab.teach.questions import question, think  # noqa: E402
from rtlab.teach.record import summary  # noqa: E402

__all__ = ["exercise", "predict", "question", "summary", "think"]
