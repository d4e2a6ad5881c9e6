/** Clouds of daemons on this machine: started, found, changed, and taken down with all that they left. */
export {
  bringUp, freeName, inLocalCloud, inviteBy, killNode, localClouds, openLocalCloud, prepareCloud, readLocalCloud,
  restartNode, startNode, takeDown, type LocalCloud, type LocalCloudPlan, type LocalCloudShape, type LocalNode,
  type OnStarted, type StartNodeOptions
} from './local-cloud.ts'
export { changeCloudLinks, checkEnd, readCloudLinks, writeCloudLinks } from './local-links.ts'
export {
  cutTasks, endTasks, liveDaemon, readNodeFile, startDaemon, startOutside, stopDaemon, type StartedDaemon,
  type StartOptions
} from './daemon.ts'
export { welkinHome, type Home } from './home.ts'
export { withFolder } from './folders.ts'
export { listProcesses, sendSignal, waitForEnd, type ListedProcess } from './processes.ts'
export { spreadZones } from './zones.ts'
