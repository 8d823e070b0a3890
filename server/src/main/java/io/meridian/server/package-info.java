/**
 * The composition root: reads the configuration, wires the modules into a region or a gateway of its own, and ends them in order. The only
 * room that knows everything; it holds no logic of the product.
 */
@NullMarked
package io.meridian.server;

import org.jspecify.annotations.NullMarked;
