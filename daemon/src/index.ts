/** welkind: the same kernel on a real machine and in the simulator. */
export type { Admission } from './kernel/authentication/index.ts'
export { MODULES } from './modules/index.ts'
export { createNode, type Node, type NodePorts, type NodeSettings } from './node.ts'
export { VERSION } from './version.ts'
