"""What a student reads: feedback pages, made of executed notebooks and marks.

`pages` writes them: `content` is what a page says, with the `reasons` why points were lost; `hide`
takes out of the notebook what students should not read; `render` and `template` make one file of
it, with the notebook's `cells`, their `code`, their `safe_texts` and `formulas`; `look` is what it
has in common with pages for teachers. `clean` makes HTML of other people harmless. `exporter` is
for nbgrader's own command, and for courses with a template of their own.
"""
