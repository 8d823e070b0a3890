/** What the tests of several modules need, whatever they test. Nothing of the product is known here. */
@NullMarked
package io.meridian.testsupport;

import org.jspecify.annotations.NullMarked;
