/**
 * From proxies to scope classes, and from these to all that a proxy is served. A scope class is what of a proxy its resources depend on:
 * proxies of one class share everything.
 */
@NullMarked
package io.meridian.compiler.internal.scope;

import org.jspecify.annotations.NullMarked;
