/**
 * Files that verbs send: manifests, which go to the server as they are, and inventory files, which are read into messages here. A complaint names
 * file, line and column.
 */
@NullMarked
package io.meridian.cli.manifest;

import org.jspecify.annotations.NullMarked;
