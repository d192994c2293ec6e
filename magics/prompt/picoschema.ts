/** Dotprompt's short form of JSON Schema. In a file of its own so that it loads late, and so that bundles find the CommonJS export by name. */
export { picoschema } from 'dotprompt';
