/** How the command ends when it does not end well: exit codes, and the failure that carries one with its words. */
@NullMarked
package io.meridian.cli.exit;

import org.jspecify.annotations.NullMarked;
