@NullMarked
package io.meridian.cli.text;

import org.jspecify.annotations.NullMarked;
