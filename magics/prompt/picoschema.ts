// A file of its own, so that it can be loaded when needed: bundled CommonJS packages have no named exports in import().
export { picoschema } from 'dotprompt';
