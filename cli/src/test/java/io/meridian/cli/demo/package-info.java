/** The demo's pieces, with a real Envoy and real processes where they deal with such. */
@NullMarked
package io.meridian.cli.demo;

import org.jspecify.annotations.NullMarked;
