/** Names says what names stand for, signed by whoever may bind them, and keeps bound what this node has bound. */
export { serveNames } from './calls.ts'
export { createNames, type Names } from './names.ts'
