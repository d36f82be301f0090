#!/usr/bin/env node
// The product's door. CommonJS and old syntax, so that a Node that is too old says one sentence instead of a stack trace
// (`./nightshift` is a link to this file: without an ending, an old Node refuses it before it runs).
'use strict';

var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(`Nightshift needs Node.js 20.19 or later; this is ${process.version} (${process.execPath}).\n`);
  process.exit(5);
}

import('./bootstrap.mjs').then((bootstrap) => bootstrap.runCommand(process.argv.slice(2)));
