"""Lessons: scripts of step functions, the engine that runs them, the views.

>>> from netbasics.course import Lesson
>>> lesson = Lesson("01_example.py", "Example: what a lesson looks like.")
>>> @lesson.step
... def first():
...     '''First.'''
>>> lesson
<Lesson 'Example', 1 steps, 01_example.py>
"""

from netbasics.course.lesson import LINUX, Lesson
from netbasics.course.questions import Choice, Number, Text
from netbasics.course.steps import Need

__all__ = ["LINUX", "Choice", "Lesson", "Need", "Number", "Text"]
