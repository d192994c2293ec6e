/** Chat templates that write function calls in the ways of the models people deploy. */

const functions = `{% if tools %}<|system|>Functions: {{ tools | tojson }}<end>{% endif %}`;
const opening = `{% if add_generation_prompt %}<|assistant|>{% endif %}`;

/** Each call between marks, as Hermes and Qwen write them; the last turn is given an empty thought. */
export const marked = `${functions}{% for message in messages %}<|{{ message.role }}|>
{%- if message.role == 'tool' %}{{ message.name }}: {% endif %}
{%- if message.role == 'assistant' and loop.last %}<think></think>{% endif %}{{ message.content }}
{%- if message.tool_calls %}{% for call in message.tool_calls %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}{% endif %}<end>{% endfor %}${opening}`;

/** An answer that is a call is JSON and nothing else, as Llama 3 writes it. */
export const unmarked = `${functions}{% for message in messages %}<|{{ message.role }}|>
{%- if message.tool_calls %}{% set call = message.tool_calls[0] %}{"name": "{{ call.function.name }}", "parameters": {{ call.function.arguments | tojson }}}{% else %}{{ message.content }}{% endif %}<end>{% endfor %}${opening}`;

/** All calls of a turn are one list behind a mark, as Mistral writes them; ids have nine letters and digits. */
export const listed = `${functions}{% for message in messages %}
{%- if message.tool_calls %}[CALLS] [{% for call in message.tool_calls %}
{%- if call.id | length != 9 %}{{ raise_exception('ids of calls have nine letters') }}{% endif %}{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}{% if not loop.last %}, {% endif %}{% endfor %}]<end>
{%- else %}<|{{ message.role }}|>{{ message.content }}<end>{% endif %}{% endfor %}`;

/** Calls that are no JSON. */
export const inWords = `{% for message in messages %}<|{{ message.role }}|>{{ message.content }}
{%- if message.tool_calls %}call {{ message.tool_calls[0].function.name }}{% endif %}<end>{% endfor %}${opening}`;

/** Knows nothing of functions. */
export const plain = `{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<end>{% endfor %}${opening}`;
