"""jupyter_kernel_test against the installed kernelspec `llmops`."""
import unittest

import jupyter_kernel_test


class LlmopsKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "llmops"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('test')"
    code_generate_error = "throw new Error('test')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "const text: string = 'a'; text", "result": "'a'"},
    ]
    code_display_data = [
        {"code": "display({ 'text/html': '<b>x</b>' })", "mime": "text/html"},
        {"code": "display({ 'image/svg+xml': '<svg/>' })", "mime": "image/svg+xml"},
    ]
    completion_samples = [{"text": "consol", "matches": {"console"}}]
    complete_code_samples = ["1", "const x: number = 1", "%llmops", "function f() {\n  return 1\n}"]
    incomplete_code_samples = ["function f() {", "const x = `"]
    invalid_code_samples = ["const const = 1"]
    code_inspect_sample = "console"
    code_page_something = "%page 'a long text'"
    code_clear_output = "clearOutput()"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "1*2*"


class LlmopsWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "llmops"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
