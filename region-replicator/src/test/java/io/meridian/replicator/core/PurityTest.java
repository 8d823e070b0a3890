package io.meridian.replicator.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

/** The protocol is pure: what the simulation drives is what production drives. */
@AnalyzeClasses(packages = "io.meridian.replicator.core", importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {
    @ArchTest
    static final ArchRule itKnowsNoThreadsNoTransportAndNoPorts = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.util.concurrent..",
                    "java.util.random..",
                    "java.net..",
                    "java.nio..",
                    "io.grpc..",
                    "org.apache.pekko..",
                    "org.slf4j..",
                    "io.meridian.core..");

    @ArchTest
    static final ArchRule itReadsNoClock = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class, Instant.class, Thread.class)
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime");
}
