/** Parts of the kernel by themselves, for who measures or attacks one of them without a node around it. */
export { Dispatcher, OPEN, type Calls } from './dispatch/index.ts'
export { createDirectory, type DirectoryPorts } from './kernel/directory/index.ts'
export {
  DIRECTORY_PROTOCOL, unpackFound, unpackNodes, unpackQuestion as unpackDirectoryQuestion, unpackStored, unpackWanted
} from './kernel/directory/messages.ts'
export { directoryOptions, type DirectoryOptions } from './kernel/directory/options.ts'
export { EventLog } from './kernel/events/index.ts'
export { createNames, type Names } from './kernel/names/index.ts'
export { namesOptions } from './kernel/names/options.ts'
export { createMeasurement } from './kernel/measurement/index.ts'
export { measurementOptions } from './kernel/measurement/options.ts'
export { Placement, type Job } from './kernel/placement/placement.ts'
export { Promises } from './kernel/processes/promises.ts'
export { Finder, serveResources } from './kernel/resources/index.ts'
export { SiteTable } from './kernel/resources/site/site-table.ts'
export {
  decodeCard, decodeQuestion, decodeWires, encodeCard, encodeQuestion
} from './kernel/authentication/messages.ts'
export { Revocations } from './kernel/authentication/revocations.ts'
export { unpackQuestion } from './kernel/resources/site/messages.ts'
export {
  isSignedBy, openStatement, sealAccusation, sealFacts, sealVitals
} from './kernel/resources/statements/statement.ts'
export { Outside } from './outside/index.ts'
export { readHead } from './gateway/proxy/http-head.ts'
export { readGreeting, readPassword, readRequest } from './gateway/proxy/socks.ts'
