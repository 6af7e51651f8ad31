# The library that an engineer embeds: floors 0-4, model and training. Highway is used as headers, so at
# run time it needs nothing beyond the C++ standard library (tests/consumer checks). Installed as carousel::carousel and as the pkg-config module carousel.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(objects "")
foreach(folder IN ITEMS base tensor kernels cells layers losses model training)
  list(APPEND objects $<TARGET_OBJECTS:carousel_${folder}_objects>)
endforeach()
add_library(carousel ${objects})
add_library(carousel::carousel ALIAS carousel)
set_target_properties(carousel PROPERTIES VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(NOT APPLE)
  target_link_options(carousel PRIVATE -Wl,--gc-sections)
endif()
target_compile_features(carousel INTERFACE cxx_std_20)
target_link_libraries(carousel PRIVATE Threads::Threads $<BUILD_INTERFACE:carousel_flags>)
target_include_directories(carousel INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/carousel)
configure_package_config_file(cmake/carouselConfig.cmake.in ${PROJECT_BINARY_DIR}/carouselConfig.cmake
                              INSTALL_DESTINATION ${cmake_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/carouselConfigVersion.cmake COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/carousel.pc.in ${PROJECT_BINARY_DIR}/carousel.pc @ONLY)

install(TARGETS carousel EXPORT carouselTargets)
install(EXPORT carouselTargets NAMESPACE carousel:: DESTINATION ${cmake_folder})
install(FILES ${PROJECT_BINARY_DIR}/carouselConfig.cmake ${PROJECT_BINARY_DIR}/carouselConfigVersion.cmake
        DESTINATION ${cmake_folder})
install(FILES ${PROJECT_BINARY_DIR}/carousel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY include/carousel ${PROJECT_BINARY_DIR}/include/carousel
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET carousel_program)
  install(TARGETS carousel_program)
endif()
