/** Directory keeps small records by key on the nodes nearest to the key, and finds them again (paper III.B.2). */
export { createDirectory, type DirectoryPorts } from './directory.ts'
