#!/usr/bin/env node
// The product's door; `./nightshift` is a link to this file (a file without an ending would be refused by an old Node
// before it could say that it is too old).
'use strict';

require('./bootstrap/node-version.cjs');

import('./bootstrap.mjs').then((bootstrap) => bootstrap.runCommand(process.argv.slice(2)));
