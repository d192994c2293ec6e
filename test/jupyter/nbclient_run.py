"""nbclient runs a notebook through the kernelspec `llmops`: outputs, an update in place, an interrupt by message."""
import threading
import time

import nbformat
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

cells = [
    "const greeting: string = 'hello'",
    "console.log(greeting); greeting.length",
    "const shown = display({ 'text/plain': 'first' }); shown.update({ 'text/plain': 'last' })",
    "aq.table({ x: [1, 2] })",
]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
NotebookClient(notebook, kernel_name="llmops", timeout=60).execute()
nbformat.validate(notebook)
outputs = [cell.outputs for cell in notebook.cells]
assert outputs[0] == [], outputs[0]
assert [o.output_type for o in outputs[1]] == ["stream", "execute_result"], outputs[1]
assert outputs[1][1].data["text/plain"] == "5", outputs[1]
assert [o.data["text/plain"] for o in outputs[2]] == ["last"], outputs[2]
assert "<table>" in outputs[3][0].data["text/html"], outputs[3]

manager, client = start_new_kernel(kernel_name="llmops", startup_timeout=60)
try:
    asked = client.execute("let kept = 7; while (true) {}")
    threading.Timer(1, manager.interrupt_kernel).start()
    started = time.time()
    reply = client.get_shell_msg(timeout=30)
    while reply["parent_header"]["msg_id"] != asked:
        reply = client.get_shell_msg(timeout=30)
    assert reply["content"]["status"] == "error", reply["content"]
    assert reply["content"]["ename"] == "Interrupted", reply["content"]
    assert time.time() - started < 10
    answer = client.execute_interactive("kept", timeout=30, store_history=False)
    assert answer["content"]["status"] == "ok", answer["content"]
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print("ok")
