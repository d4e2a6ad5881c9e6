// Welkin for programs in JavaScript and TypeScript: await import(`${process.env.WELKIN_CLIENTS}/welkin.mjs`)
export { connect } from '../dist/src/connect.js'
export { onCheckpoint, restored } from '../dist/src/cooperate.js'
