import { NativeDriver } from './native-driver.js';
export { endShepherd } from './end-shepherd.js';
/** A driver whose tasks, output and exit statuses outlive the daemon; one driver at a time per directory. */
export function createNativeDriver(options) {
    return new NativeDriver(options);
}
//# sourceMappingURL=index.js.map