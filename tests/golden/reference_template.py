"""Renders a chat template as transformers does; the date is the variable "now"."""

import datetime

from transformers.utils.chat_template_utils import _compile_jinja_template


def render(source, variables):
    """(text, None) or (None, error)."""
    try:
        template = _compile_jinja_template(source)
    except Exception as error:  # every failure counts as a refusal
        return None, f"{type(error).__name__}: {error}"
    now = variables.get("now")
    template.globals["strftime_now"] = lambda form: datetime.datetime.fromisoformat(now).strftime(form)
    try:
        return template.render(**variables), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
