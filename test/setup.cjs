// One deadline may cut short any number of calls; Node would warn of more than ten.
require('node:events').setMaxListeners(0)
