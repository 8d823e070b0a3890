package io.meridian.model;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/** The model is pure: time, ids and bytes come in as arguments. */
@AnalyzeClasses(packages = "io.meridian.model", importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {

    @ArchTest
    static final ArchRule nothingOpensFilesOrSockets = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net..", "java.nio.file..", "java.nio.channels..", "io.grpc..", "org.apache.pekko..");

    @ArchTest
    static final ArchRule nothingHasThreadsOfItsOwn = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, ExecutorService.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent.locks..");

    @ArchTest
    static final ArchRule nothingReadsTheClockOrMakesItsOwnIds = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class)
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(UUID.class, "randomUUID");

    @ArchTest
    static final ArchRule theLogKnowsNoPayloads = noClasses()
            .that()
            .resideInAPackage("io.meridian.model.log")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.meridian.model.mesh..", "io.meridian.model.istio..", "io.meridian.model.history..");
}
