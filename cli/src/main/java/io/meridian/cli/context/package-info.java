/** Named places that a person works with (a server and a mesh), kept in a file of his. */
@NullMarked
package io.meridian.cli.context;

import org.jspecify.annotations.NullMarked;
