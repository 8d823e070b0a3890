/**
 * {@code meridian demo}: three regions, one mesh, Bookinfo behind real Envoys, all processes of one Linux machine.
 *
 * <p>Enters: the folder of examples and the launcher, through which regions are started; leaves: processes whose state stands in the demo's data
 * folder. The demo uses the admin API as anybody could, and knows no internals of the server.
 */
@NullMarked
package io.meridian.cli.demo;

import org.jspecify.annotations.NullMarked;
