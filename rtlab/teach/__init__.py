"""What a lesson asks of its student: predictions, exercises, questions; and the summing up at its end."""

from rtlab.teach.exercises import exercise
from rtlab.teach.predictions import predict
from rtlab.teach.questions import question, think
from rtlab.teach.record import summary

__all__ = ["exercise", "predict", "question", "summary", "think"]
