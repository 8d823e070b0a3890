/** Listeners of sidecars and gateways: which there are, and what is in each. */
@NullMarked
package io.meridian.compiler.internal.listener;

import org.jspecify.annotations.NullMarked;
