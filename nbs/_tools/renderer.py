"How `show_doc` writes signatures on the pages: `renderer` in settings.ini names it."
import re
from nbdev.showdoc import BasicMarkdownRenderer

class Renderer(BasicMarkdownRenderer):
    """Without backticks, which would become raw links inside the block of code, without `NoneType`,
    and without the docstring that Python gives to whatever has none."""
    def _repr_markdown_(self):
        text = super()._repr_markdown_().replace('*Call self as a function.*', '')
        plain = lambda m: m[0].replace(':NoneType', '').replace('`', '')
        return re.sub(r'(?<=```python\n).*?(?=\n```)', plain, text, flags=re.S)
