/** Files are put into a task's directory before it runs, collected from it afterwards, and never from elsewhere. */
export { checkFilePath, putFile } from './work-files.ts'
export { collectFile } from './collect-file.ts'
